"""Survey files: their rows, the survey tool that wrote them, the mapping, and their responses.

files      a CSV, XLSX or ODS file as numbered rows of cells, and its columns
tools      one module for each survey tool: what its headings mean, and how its rows differ
mapping    what the columns and answers mean: read from TOML, then resolved against one file
responses  the rows of a file as responses: checked, deduplicated, compared with another year
draft      an inspection of a file without a mapping, and a first draft of one

A file goes through them in this order: `files.rows.open_file`, `tools.recognise`,
`mapping.toml_file.load` and `mapping.resolve.resolve`, `responses.survey.Survey`.
"""
