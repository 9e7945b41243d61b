/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs kernels on layers read from standard input, for sanitizers: every parameter array, input
 * row, output and scratch is an allocation of its own of exactly its size.
 *
 * A layer is 32-bit numbers and arrays, as tests/support/layer_runner.py writes them; the answer is
 * the output tensor. layer_table.h, generated beside it, lists the kernels.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    void (*row)(const void *p, const int8_t *const *in, int8_t *out, void *scratch, int32_t row);
    void (*accumulate)(const void *p, const int8_t *row, int32_t *acc);
    void (*finish)(const void *p, const int32_t *acc, int8_t *out);
} kernel;

#include "layer_table.h"

enum { PARAMETERS = 40, INPUTS = 12, POINTERS = 128, LITERAL = 0, ARRAY = 1 };

typedef struct {
    int32_t whole, num, den, first, count, step, edge_is_null, zero_point, rows, row_bytes;
    int8_t *data;
} input;

typedef struct {
    int8_t *pointer; /* NULL: none */
    void   *allocation;
} row_copy;

static int32_t number(void)
{
    int32_t value = 0;

    if (fread(&value, sizeof value, 1, stdin) != 1) {
        exit(2);
    }
    return value;
}

static int8_t *array(size_t size)
{
    int8_t *data = malloc(size > 0 ? size : 1);

    if (data == NULL || fread(data, 1, size, stdin) != size) {
        exit(2);
    }
    return data;
}

/* The parameter struct: members in order, each at a multiple of its size, as compilers lay out. */
static uint8_t *parameters(int32_t count, int8_t **arrays)
{
    uint8_t *p = calloc(PARAMETERS, sizeof(void *));
    size_t   at = 0;

    for (int32_t i = 0; i < count; i++) {
        const int32_t kind = number(), value = number();

        arrays[i] = NULL;
        if (kind == LITERAL) {
            memcpy(p + at, &value, sizeof value);
            at += sizeof value;
            continue;
        }
        arrays[i] = kind == ARRAY ? array((size_t)value) : NULL;
        at = (at + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
        memcpy(p + at, &arrays[i], sizeof(void *));
        at += sizeof(void *);
    }
    return p;
}

static input read_input(void)
{
    input in;

    in.whole = number();
    in.num = number();
    in.den = number();
    in.first = number();
    in.count = number();
    in.step = number();
    in.edge_is_null = number();
    in.zero_point = number();
    in.rows = number();
    in.row_bytes = number();
    in.data = array((size_t)in.rows * (size_t)in.row_bytes);
    return in;
}

/* `size` bytes on their own, as far from a multiple of 4 as they are at `offset` of a tensor. */
static row_copy own(const int8_t *from, size_t size, size_t offset)
{
    row_copy copy;
    uint8_t *data = malloc(size + offset % 4);

    copy.allocation = data;
    copy.pointer = (int8_t *)data + offset % 4;
    if (from == NULL) {
        memset(copy.pointer, 0xA5, size);
    } else {
        memcpy(copy.pointer, from, size);
    }
    return copy;
}

static row_copy edge(const input *in)
{
    row_copy copy = {NULL, NULL};

    if (!in->edge_is_null) {
        copy = own(NULL, (size_t)in->row_bytes, 0);
        memset(copy.pointer, in->zero_point, (size_t)in->row_bytes);
    }
    return copy;
}

/* The input rows of one call for `block` output rows from `row` on; returns how many. */
static int32_t rows_of(const input *in, int32_t row, int32_t block, row_copy *copies)
{
    if (in->whole) {
        copies[0] = own(in->data, (size_t)in->rows * (size_t)in->row_bytes, 0);
        return 1;
    }
    for (int32_t i = 0; i < in->count; i++) {
        const int32_t r = row * in->num / in->den + in->first + i * in->step;
        const size_t  from = (size_t)r * (size_t)in->row_bytes;
        const size_t  size = (size_t)in->row_bytes * (size_t)(in->num > 0 ? block : 1);

        copies[i] = r < 0 || r >= in->rows ? edge(in) : own(in->data + from, size, from);
    }
    return in->count;
}

typedef struct {
    const kernel *kernel;
    uint8_t      *parameters;
    input         inputs[INPUTS];
    int32_t       input_count, rows, row_bytes, block, scratch_bytes;
    int32_t       overwritten; /* the pointer whose row the output takes, or -1 */
} layer;

/* What byte `i` of scratch holds before: no two neighbours the same, as zero points that a kernel
 * fills in are. */
static uint8_t fresh(int32_t i)
{
    return (uint8_t)(0xA5 + 37 * i);
}

/* Returns how many bytes at the end of scratch were left alone. */
static int32_t compute(const layer *l, int32_t row)
{
    row_copy      copies[POINTERS];
    const int8_t *in[POINTERS];
    const size_t  size = (size_t)l->row_bytes * (size_t)l->block;
    row_copy      out = own(NULL, size, (size_t)row * (size_t)l->row_bytes);
    row_copy      scratch = own(NULL, (size_t)l->scratch_bytes, 0);
    int32_t       count = 0, unwritten = 0;

    for (int32_t i = 0; i < l->input_count; i++) {
        count += rows_of(&l->inputs[i], row, l->block, copies + count);
    }
    for (int32_t i = 0; i < count; i++) {
        in[i] = copies[i].pointer;
    }
    if (l->overwritten >= 0) {
        free(out.allocation);
        out = copies[l->overwritten];
    }
    for (int32_t i = 0; i < l->scratch_bytes; i++) {
        ((uint8_t *)scratch.pointer)[i] = fresh(i);
    }
    l->kernel->row(l->parameters, in, out.pointer, l->scratch_bytes > 0 ? scratch.pointer : NULL,
                   row);
    fwrite(out.pointer, 1, size, stdout);
    for (int32_t i = l->scratch_bytes - 1; i >= 0 && (uint8_t)scratch.pointer[i] == fresh(i); i--) {
        unwritten++;
    }
    for (int32_t i = 0; i < count; i++) {
        free(copies[i].allocation);
    }
    if (l->overwritten < 0) {
        free(out.allocation);
    }
    free(scratch.allocation);
    return unwritten;
}

/* The only output row, from the rows of the only input one by one. */
static void reduce(const layer *l, size_t accumulator_bytes)
{
    const input *in = &l->inputs[0];
    int32_t     *acc = calloc(1, accumulator_bytes);
    row_copy     out = own(NULL, (size_t)l->row_bytes, 0);

    for (int32_t row = 0; row < in->rows; row++) {
        const size_t from = (size_t)row * (size_t)in->row_bytes;
        row_copy     copy = own(in->data + from, (size_t)in->row_bytes, from);

        l->kernel->accumulate(l->parameters, copy.pointer, acc);
        free(copy.allocation);
    }
    l->kernel->finish(l->parameters, acc, out.pointer);
    fwrite(out.pointer, 1, (size_t)l->row_bytes, stdout);
    free(out.allocation);
    free(acc);
}

static void run(const kernel *k)
{
    layer         l;
    int8_t       *arrays[PARAMETERS];
    const int32_t parameter_count = number();
    int32_t       accumulator_bytes, unwritten;

    l.kernel = k;
    l.parameters = parameters(parameter_count, arrays);
    l.input_count = number();
    for (int32_t i = 0; i < l.input_count; i++) {
        l.inputs[i] = read_input();
    }
    l.rows = number();
    l.row_bytes = number();
    l.block = number();
    l.scratch_bytes = number();
    l.overwritten = number();
    accumulator_bytes = number();
    unwritten = l.scratch_bytes;
    for (int32_t row = 0; accumulator_bytes == 0 && row < l.rows; row += l.block) {
        const int32_t bytes = compute(&l, row);

        unwritten = bytes < unwritten ? bytes : unwritten;
    }
    if (accumulator_bytes > 0) {
        reduce(&l, (size_t)accumulator_bytes);
    }
    for (int32_t i = 0; i < l.input_count; i++) {
        free(l.inputs[i].data);
    }
    for (int32_t i = 0; i < parameter_count; i++) {
        free(arrays[i]);
    }
    free(l.parameters);
    fwrite(&unwritten, sizeof unwritten, 1, stdout);
    fflush(stdout);
}

int main(void)
{
    int32_t index;

    while (fread(&index, sizeof index, 1, stdin) == 1) {
        run(&kernels[index]);
    }
    return 0;
}
