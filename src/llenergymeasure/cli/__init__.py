"""The command ``llenergymeasure`` (``llem`` for short).

One module per command, with a function that declares its arguments and one that runs it. They stay thin, and
import the rest of the library only when they run: ``--help`` loads argparse and little else.

Exit codes:

- 0: fine.
- 1: a run failed or is invalid, or two records cannot be compared.
- 2: the tool could not do its work: wrong arguments, an invalid configuration, a file that cannot be written.
- 129: ended by SIGHUP, as when the terminal closes.
- 130: interrupted from the keyboard.
- 141: the reader of the output went away.
- 143: ended by SIGTERM.
"""
