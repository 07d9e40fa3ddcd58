"""The feed turns facts into activities under consent and policy, and pages a person's feed.

It takes what people say there as well: cheers, comments and posts. It sends nothing: whoever writes
an activity hands its id to the delivery room, in a flow.
"""
