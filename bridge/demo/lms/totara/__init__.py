"""A Totara 12 for tests: the same company, in the words and with the gaps of Totara 12.9.

It has neither batches nor custom reports nor the newer forum functions; what is missing is
``invalidrecordunknown``, whatever it is; audience visibility can hide a course from those who are
in it; and prior learning completes a course without a date.
"""
