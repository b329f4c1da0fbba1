"""Reading the district's own lists: areas, addresses, staff, service items, knowledge. All of a file or nothing."""
