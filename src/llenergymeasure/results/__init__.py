"""Records of measurements: their data, statistics, files, comparison and display.

======================  ======================================================================================
``record``, ``schema``  the data of a record
``storage``             saving and loading; ``upgrade`` converts records of an older format
``trace_file``          the samples of the GPUs, in a file next to a record
``per_window``          one number per window; ``statistics`` of such numbers
``compare``             two records side by side; ``differences`` lists what differs
``render``              a record as a table; ``render_comparison`` a comparison; ``tables`` lays them out
``plot``                a record as a picture
``errors``              the exceptions
======================  ======================================================================================
"""
