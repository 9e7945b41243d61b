/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The face that the generated file <model>_glue.c gives a model, so that the board agent and the
 * host harness work with any model. Products include the generated <model>.h instead.
 *
 * Inputs and outputs are addressed as one range of bytes each: the tensors in graph order, one
 * after the other, without gaps.
 */
#ifndef NETSUKE_MODEL_H
#define NETSUKE_MODEL_H

#include <stdint.h>

typedef struct {
    uint8_t  sha256[32];   /* of the .tflite file */
    uint32_t arena_bytes;  /* planned size */
    uint32_t input_bytes;  /* all inputs together */
    uint32_t output_bytes; /* all outputs together */
    uint32_t layers;       /* number of entries that nk_on_layer and nk_on_rows count */
    uint32_t streamed;     /* 1: input must be written in rising order, computing on the way */
} nk_model_info;

extern const nk_model_info nk_model;

uint8_t *nk_model_arena(void);  /* arena_bytes bytes, for watermarks */
uint32_t nk_model_intact(void); /* 1: all weights are as they were compiled */
void     nk_model_init(void);   /* before the input of each inference */
void     nk_model_write_input(uint32_t offset, const uint8_t *data, uint32_t size);
void     nk_model_invoke(void); /* the rest of the inference once all input is written */
void     nk_model_read_output(uint32_t offset, uint8_t *data, uint32_t size);

/*
 * Called by generated C that was built for observation, implemented by the agent or the harness.
 * nk_on_layer: layer `layer` has just run (a whole tensor, or one row of it in a streamed region;
 * then it is called once for each row). nk_on_rows: `size` bytes at byte `offset` of that layer's
 * output tensor have just been written to `data`.
 */
void nk_on_layer(uint32_t layer);
void nk_on_rows(uint32_t layer, uint32_t offset, const void *data, uint32_t size);

#endif
