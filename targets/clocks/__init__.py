# SPDX-License-Identifier: Apache-2.0
"""From reset to full speed: what each family's manual says to do to its clocks, as data."""
