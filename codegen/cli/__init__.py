"""The commands of ``python -m codegen``. They stay thin, and import the rest when they run."""
