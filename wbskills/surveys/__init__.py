"""Survey files: rows, the tool that wrote them, the mapping, and the responses they hold.

rows          a CSV, XLSX or ODS file as numbered rows (delimited, workbook, opendocument)
cells         what a cell says, without the marks that nobody sees
columns       the columns of a file, and what each is for; personal finds those to drop
shapes        one file per survey tool: what its headings look like, and what is odd in its rows
titles        where the headings stand, if there is a title above them
mapping       what a coordinator says about the columns; loading reads it from TOML (tables, waves,
              questions)
fitting       the mapping, fitted to one file and to the ontology (lookup, names, things, fitted)
answers       what an answer means; choices: what people ticked; moments: days and times
reading       one row as a response; reader: which rows are looked into
responses     a whole file: its responses, and which of them count (counting)
findings      everything that was found in a file (first_pass); set_aside writes its bad_rows
inspection    what is in a file that nobody has mapped yet (looks, judging, wordings)
draft         a first mapping of it (draft_questions, grouping)
"""
