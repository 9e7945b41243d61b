# SPDX-License-Identifier: Apache-2.0
"""Getting an image into a part's flash: by serial bootloader, debug probe or USB."""
