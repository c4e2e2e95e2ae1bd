"""The command ``llenergymeasure`` (``llem`` for short).

One module per command, with a function that adds its parser and one that runs it. They stay thin, and import a room only when they
run: ``--help`` loads argparse and little else.

Exit codes: 0 fine; 1 a run that failed; 2 the tool could not do its work (bad arguments, an invalid configuration, a file that
cannot be written); 130 interrupted from the keyboard; 141 the reader of the output went away.
"""
