"""Where facts are kept: engine, transactions, column types, migrations."""
