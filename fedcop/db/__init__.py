"""The database: tables' ground, transactions, pages of rows, migrations."""
