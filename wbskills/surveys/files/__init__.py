"""Survey files as rows: CSV, XLSX and ODS."""
