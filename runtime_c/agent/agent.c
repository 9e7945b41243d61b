/* SPDX-License-Identifier: Apache-2.0 */
#include "agent.h"

#include <string.h>

#include "frame.h"
#include "netsuke/model.h"
#include "netsuke/port.h"
#include "watermark.h"

#define ROWS_HEADER_BYTES 12u
#define BUFFER_BYTES                                                                               \
    (NK_FRAME_HEADER_BYTES + ROWS_HEADER_BYTES + NK_AGENT_CHUNK + NK_FRAME_CRC_BYTES)
#define PROFILE_HEADER_BYTES 16u

/* Requests this little older than the last one were overtaken on the way and are let pass by. */
#define STALE_REQUESTS 256u

typedef struct {
    nk_frame_parser parser;
    nk_port_facts   port;
    uint8_t         request[BUFFER_BYTES];
    uint8_t         answer[BUFFER_BYTES]; /* kept, to be sent again when it was lost */
    uint32_t        answer_size;          /* 0: nothing answered yet */
    uint32_t        sequence;             /* of the request being served */
    uint32_t        ready;                /* INIT was done, INVOKE was not */
    uint32_t        written;              /* bytes of the input so far */
    uint32_t        finished;             /* the output is that of the last INVOKE */
    uint32_t        trace_first, trace_end, rows_sent;
    uint32_t        mark;    /* counter when the layer being counted began or went on */
    uint32_t        pending; /* ticks of that layer before a pause */
    uint32_t        counted; /* layers counted since INIT */
    uint64_t        total;
    uint64_t        ticks[NK_AGENT_LAYERS + 1u]; /* never an empty array */
    uint32_t        painted;                     /* watermarks mean something */
    uint8_t        *base;                        /* the stack above belongs to the agent */
} agent_state;

static agent_state agent;

/* --- counting and tracing, called by the model ------------------------------------------- */

static void count_on(void)
{
    agent.pending = 0;
    agent.mark = nk_port_ticks();
}

static uint32_t count_off(void)
{
    return agent.pending + (nk_port_ticks() - agent.mark);
}

/* The time between entry and exit of the two observers belongs to no layer and not to the total. */
void nk_on_layer(uint32_t layer)
{
    uint32_t ticks = count_off();
    if (layer < NK_AGENT_LAYERS) {
        agent.ticks[layer] += ticks;
    }
    agent.total += ticks;
    agent.counted++;
    count_on();
}

void nk_on_rows(uint32_t layer, uint32_t offset, const void *data, uint32_t size)
{
    if (layer < agent.trace_first || layer >= agent.trace_end) {
        return;
    }
    agent.pending = count_off();
    const uint8_t *bytes = data;
    uint8_t       *body = agent.answer + NK_FRAME_HEADER_BYTES;
    for (uint32_t done = 0; done < size;) {
        uint32_t chunk = size - done < NK_AGENT_CHUNK ? size - done : NK_AGENT_CHUNK;
        agent.answer[0] = NK_ROWS;
        nk_put_u32(agent.answer + 1, agent.sequence);
        nk_put_u32(body, agent.rows_sent);
        nk_put_u32(body + 4, layer);
        nk_put_u32(body + 8, offset + done);
        memcpy(body + ROWS_HEADER_BYTES, bytes + done, chunk);
        nk_frame_send(agent.answer, NK_FRAME_HEADER_BYTES + ROWS_HEADER_BYTES + chunk,
                      nk_port_write);
        agent.rows_sent++;
        done += chunk;
    }
    agent.mark = nk_port_ticks();
}

/* --- requests ---------------------------------------------------------------------------- */

/* `size` bytes of request body in, answer body out; `*answered` is 0 at the call. */
typedef uint32_t (*handler)(const uint8_t *body, uint32_t size, uint8_t *answer,
                            uint32_t *answered);

static uint32_t hello(const uint8_t *body, uint32_t size, uint8_t *answer, uint32_t *answered)
{
    (void)body;
    if (size != 0u) {
        return NK_ERROR_LENGTH;
    }
    const uint32_t stack_bytes =
        (uint32_t)((uintptr_t)agent.port.stack_top - (uintptr_t)agent.port.stack_limit);
    const uint32_t facts[] = {
        nk_model.arena_bytes,
        nk_model.input_bytes,
        nk_model.output_bytes,
        nk_model.layers,
        nk_model.streamed,
        agent.port.unit,
        agent.port.milliunits_per_tick,
        stack_bytes,
        NK_AGENT_CHUNK,
        (uint32_t)sizeof agent,
        agent.port.clock_hz,
    };
    nk_put_u32(answer, NK_AGENT_VERSION);
    memcpy(answer + 4, nk_model.sha256, sizeof nk_model.sha256);
    uint8_t *next = answer + 4 + sizeof nk_model.sha256;
    for (uint32_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        nk_put_u32(next + 4u * i, facts[i]);
    }
    *answered = 4u + (uint32_t)sizeof nk_model.sha256 + (uint32_t)sizeof facts;
    return NK_ERROR_NONE;
}

static uint32_t init(const uint8_t *body, uint32_t size, uint8_t *answer, uint32_t *answered)
{
    (void)answer;
    (void)answered;
    if (size != 4u) {
        return NK_ERROR_LENGTH;
    }
    if (nk_model.layers > NK_AGENT_LAYERS) {
        return NK_ERROR_LAYERS;
    }
    agent.painted = nk_get_u32(body);
    if (agent.painted) {
        nk_paint(nk_model_arena(), nk_model.arena_bytes);
        nk_paint_stack(agent.port.stack_limit);
    }
    memset(agent.ticks, 0, sizeof agent.ticks);
    agent.total = 0;
    agent.counted = 0;
    agent.written = 0;
    agent.rows_sent = 0;
    agent.ready = 1;
    agent.finished = 0;
    nk_model_init();
    return NK_ERROR_NONE;
}

static uint32_t write_input(const uint8_t *body, uint32_t size, uint8_t *answer, uint32_t *answered)
{
    (void)answer;
    (void)answered;
    if (size < 4u) {
        return NK_ERROR_LENGTH;
    }
    uint32_t offset = nk_get_u32(body);
    size -= 4u;
    if (offset > nk_model.input_bytes || size > nk_model.input_bytes - offset) {
        return NK_ERROR_RANGE;
    }
    if (!agent.ready || offset != agent.written) {
        return NK_ERROR_ORDER;
    }
    count_on();
    nk_model_write_input(offset, body + 4, size);
    agent.total += nk_model.streamed ? count_off() : 0u;
    agent.written += size;
    return NK_ERROR_NONE;
}

static uint32_t invoke(const uint8_t *body, uint32_t size, uint8_t *answer, uint32_t *answered)
{
    uint8_t base;
    (void)body;
    if (size != 0u) {
        return NK_ERROR_LENGTH;
    }
    if (!agent.ready || agent.written != nk_model.input_bytes) {
        return NK_ERROR_ORDER;
    }
    agent.ready = 0;
    agent.base = (uint8_t *)((uintptr_t)&base & ~(uintptr_t)7u); /* where the model's begins */
    count_on();
    nk_model_invoke();
    agent.total += count_off();
    agent.finished = 1;
    nk_put_u32(answer, agent.rows_sent);
    *answered = 4;
    return NK_ERROR_NONE;
}

static uint32_t read_output(const uint8_t *body, uint32_t size, uint8_t *answer, uint32_t *answered)
{
    if (size != 8u) {
        return NK_ERROR_LENGTH;
    }
    uint32_t offset = nk_get_u32(body);
    uint32_t wanted = nk_get_u32(body + 4);
    if (offset > nk_model.output_bytes || wanted > nk_model.output_bytes - offset ||
        wanted > NK_AGENT_CHUNK) {
        return NK_ERROR_RANGE;
    }
    if (!agent.finished) { /* a board that was reset must not pass off old memory as an output */
        return NK_ERROR_ORDER;
    }
    nk_model_read_output(offset, answer, wanted);
    *answered = wanted;
    return NK_ERROR_NONE;
}

static uint32_t profile(const uint8_t *body, uint32_t size, uint8_t *answer, uint32_t *answered)
{
    if (size != 4u) {
        return NK_ERROR_LENGTH;
    }
    uint32_t first = nk_get_u32(body);
    if (first > nk_model.layers || nk_model.layers > NK_AGENT_LAYERS) {
        return NK_ERROR_RANGE;
    }
    uint32_t fit = (NK_AGENT_CHUNK - PROFILE_HEADER_BYTES) / 8u;
    uint32_t count = nk_model.layers - first < fit ? nk_model.layers - first : fit;
    nk_put_u64(answer, agent.total);
    const uint32_t inferred = agent.painted != 0u && agent.finished != 0u;
    nk_put_u32(answer + 8, inferred ? nk_stack_used(agent.port.stack_limit, agent.base) : 0);
    nk_put_u32(answer + 12,
               agent.painted ? nk_painted_used(nk_model_arena(), nk_model.arena_bytes) : 0);
    for (uint32_t i = 0; i < count; i++) {
        nk_put_u64(answer + PROFILE_HEADER_BYTES + 8u * i, agent.ticks[first + i]);
    }
    *answered = PROFILE_HEADER_BYTES + 8u * count;
    return NK_ERROR_NONE;
}

static uint32_t trace(const uint8_t *body, uint32_t size, uint8_t *answer, uint32_t *answered)
{
    (void)answer;
    (void)answered;
    if (size != 8u) {
        return NK_ERROR_LENGTH;
    }
    agent.trace_first = nk_get_u32(body);
    agent.trace_end = nk_get_u32(body + 4);
    return NK_ERROR_NONE;
}

static uint32_t check(const uint8_t *body, uint32_t size, uint8_t *answer, uint32_t *answered)
{
    (void)body;
    if (size != 0u) {
        return NK_ERROR_LENGTH;
    }
    nk_put_u32(answer, nk_model_intact());
    *answered = 4;
    return NK_ERROR_NONE;
}

/* --- serving ----------------------------------------------------------------------------- */

static const handler handlers[] = {
    [NK_HELLO] = hello,
    [NK_INIT] = init,
    [NK_WRITE_INPUT] = write_input,
    [NK_INVOKE] = invoke,
    [NK_READ_OUTPUT] = read_output,
    [NK_PROFILE] = profile,
    [NK_TRACE] = trace,
    [NK_CHECK] = check,
};

static void serve(uint32_t size)
{
    uint8_t  kind = agent.request[0];
    uint32_t sequence = nk_get_u32(agent.request + 1);
    if (agent.answer_size > 0u && sequence == agent.sequence) {
        nk_frame_send(agent.answer, agent.answer_size, nk_port_write);
        return;
    }
    if (agent.answer_size > 0u && agent.sequence - sequence < STALE_REQUESTS) {
        return;
    }
    agent.sequence = sequence;
    uint32_t error = NK_ERROR_UNKNOWN;
    uint32_t answered = 0;
    uint8_t *body = agent.answer + NK_FRAME_HEADER_BYTES;
    if (kind < sizeof handlers / sizeof handlers[0] && handlers[kind] != NULL) {
        error = handlers[kind](agent.request + NK_FRAME_HEADER_BYTES, size - NK_FRAME_HEADER_BYTES,
                               body, &answered);
    }
    agent.answer[0] = (uint8_t)(kind | NK_ANSWER);
    if (error != NK_ERROR_NONE) {
        agent.answer[0] = NK_REFUSED;
        nk_put_u32(body, error);
        answered = 4;
    }
    nk_put_u32(agent.answer + 1, sequence);
    agent.answer_size = NK_FRAME_HEADER_BYTES + answered;
    nk_frame_send(agent.answer, agent.answer_size, nk_port_write);
}

/* In a buffer of its own, so that the kept answer survives. */
static void send_damaged(void)
{
    uint8_t message[NK_FRAME_MIN_BYTES] = {NK_DAMAGED};
    nk_frame_send(message, NK_FRAME_HEADER_BYTES, nk_port_write);
}

static void start(void)
{
    nk_port_describe(&agent.port);
    nk_frame_start(&agent.parser, agent.request, sizeof agent.request);
}

static void receive(uint8_t byte)
{
    nk_frame_status status = nk_frame_push(&agent.parser, byte);
    if (status == NK_FRAME_GOOD) {
        serve(agent.parser.size);
    } else if (status == NK_FRAME_BAD) {
        send_damaged();
    }
}

void nk_agent_run(void)
{
    start();
    for (;;) {
        uint8_t  bytes[16];
        uint32_t count = nk_port_read(bytes, sizeof bytes);
        if (count == 0u) {
            return;
        }
        for (uint32_t i = 0; i < count; i++) {
            receive(bytes[i]);
        }
    }
}

void nk_agent_fault(const uint32_t words[NK_FAULT_WORDS])
{
    uint8_t  message[NK_FRAME_MIN_BYTES + 4u * (NK_FAULT_WORDS + 1u)] = {NK_FAULT};
    uint8_t *body = message + NK_FRAME_HEADER_BYTES;
    nk_put_u32(message + 1, agent.sequence);
    for (uint32_t i = 0; i < NK_FAULT_WORDS; i++) {
        nk_put_u32(body + 4u * i, words[i]);
    }
    nk_put_u32(body + 4u * NK_FAULT_WORDS, agent.counted);
    uint8_t byte = 0;
    do { /* again at the end of whatever a host says, so that one that comes late hears it too */
        if (byte == 0u) {
            nk_frame_send(message, sizeof message - NK_FRAME_CRC_BYTES, nk_port_write);
        }
    } while (nk_port_read(&byte, 1) > 0u);
}
