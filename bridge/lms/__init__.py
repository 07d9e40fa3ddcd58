"""Adapters that speak one LMS's protocol each.

They turn answers into the model's facts and name errors; they do not decide what to fetch.
"""
