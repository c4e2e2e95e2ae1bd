"""What generates text: one folder for each engine. Only these import what they stand for, such as torch."""
