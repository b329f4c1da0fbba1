"""The operators' panel at /admin: own pages for the daily work, starlette-admin for the records, in one layout."""
