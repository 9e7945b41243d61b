/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32 of IEEE 802.3, the one of zlib's crc32. `crc` is that of the bytes before, 0 at the start.
 *
 * Four bits at a time: a table of 64 bytes instead of 1024. Reads are volatile because a compiler
 * that sees constant data would trust it, and whether to trust it is what a checksum is for.
 */
#ifndef NETSUKE_CRC32_H
#define NETSUKE_CRC32_H

#include <stdint.h>

static inline uint32_t nk_crc32_of(uint32_t crc, const volatile uint8_t *data, uint32_t size)
{
    static const uint32_t table[16] = {
        0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u,
        0x4DB26158u, 0x5005713Cu, 0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu,
        0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
    };
    crc = ~crc;
    for (uint32_t i = 0; i < size; i++) {
        crc ^= data[i];
        crc = (crc >> 4) ^ table[crc & 15u];
        crc = (crc >> 4) ^ table[crc & 15u];
    }
    return ~crc;
}

#endif
