"""`make chaos`: the real service under load, one fault after another, and proof that nothing was lost.

Everything runs in a folder of its own, with its own database and broker, on 127.0.0.1. The seed decides the
faults and what the customers do, though not how their requests and the faults interleave.
"""
