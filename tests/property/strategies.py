"""What the laws are tried on."""

from __future__ import annotations

from hypothesis import strategies as st

#: Grounds of lettered parcels: ``R`` and ``N`` are ready, ``S`` and ``L`` are not.
grounds = st.lists(st.text("RNSL ", min_size=5, max_size=5), min_size=1, max_size=5)

#: Amounts as returns print them.
amounts = st.decimals(min_value=0, max_value=10**7, places=2, allow_nan=False, allow_infinity=False)

months = st.integers(1, 12)
month_indices = st.integers(12 * 1990, 12 * 2060)
