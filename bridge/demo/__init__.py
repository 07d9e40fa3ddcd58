"""A small LMS and its story: something to read, in two commands, without an LMS at hand.

:mod:`bridge.demo.story` tells of a made-up company; :mod:`bridge.demo.lms` serves it over real HTTP
in Moodle's web-service protocol. Neither knows the bridge that reads it.
"""
