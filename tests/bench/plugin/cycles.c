/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin of QEMU's code generator that counts how often each instruction runs, and how often
 * another than the next one in memory follows, between two addresses of a program:
 *
 *     -plugin cycles.so,from=<address>,to=<address>,counts=<path>
 *
 * Counters begin at zero when `from` is about to run for the first time. When `to` is, the file
 * appears with a line `<address> <executed> <taken>`, in decimal, for each translated instruction
 * that ran; an address may have several lines, to be added up. One core, no interrupts between
 * the two addresses.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the part of the plugin API, version 1 (QEMU 7.2), that is used here ------------------ */

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*on_translation)(plugin_id id, struct qemu_plugin_tb *block);
typedef void (*on_execution)(unsigned int core, void *data);
enum { NO_REGISTERS = 0, ADD_U64 = 0 };

extern void   qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, on_translation call);
extern void   qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, on_execution call,
                                                   int flags, void *data);
extern void   qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                                     on_execution call, int flags, void *data);
extern void   qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction,
                                                         int operation, void *sum, uint64_t addend);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block,
                                                        size_t                       index);
extern uint64_t                 qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
extern size_t                   qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info,
                                                               int argc, char **argv);

/* --- counting ---------------------------------------------------------------------------- */

typedef struct counted {
    uint64_t address, next, executed, taken;
} counted;

/* A translated block; those that QEMU throws away stay here, as their counts do. */
typedef struct block {
    struct block *older;
    size_t        size;
    counted       instructions[];
} block;

static block      *blocks;
static int         started, stopped;
static counted    *last; /* instruction that ran before the block being entered */
static uint64_t    from, to;
static const char *path;

static void start(unsigned int core, void *data)
{
    (void)core;
    (void)data;
    if (started) {
        return;
    }
    started = 1;
    for (block *b = blocks; b != NULL; b = b->older) {
        for (size_t i = 0; i < b->size; i++) {
            b->instructions[i].executed = 0;
            b->instructions[i].taken = 0;
        }
    }
}

/* The file gets its name when it is complete. */
static void stop(unsigned int core, void *data)
{
    (void)core;
    (void)data;
    if (stopped) {
        return;
    }
    stopped = 1;
    char unfinished[4096];
    snprintf(unfinished, sizeof unfinished, "%s.unfinished", path);
    FILE *file = fopen(unfinished, "w");
    if (file == NULL) {
        perror(unfinished);
        exit(1);
    }
    for (const block *b = blocks; b != NULL; b = b->older) {
        for (const counted *c = b->instructions; c < b->instructions + b->size; c++) {
            if (c->executed != 0) {
                fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", c->address, c->executed,
                        c->taken);
            }
        }
    }
    if (fclose(file) != 0 || rename(unfinished, path) != 0) {
        perror(path);
        exit(1);
    }
}

static void enter(unsigned int core, void *data)
{
    (void)core;
    block *entered = data;
    if (last != NULL && last->next != entered->instructions[0].address) {
        last->taken++;
    }
    last = &entered->instructions[entered->size - 1];
}

/* Calls come before the additions of the same instruction, whatever the order of registration. */
static void translated(plugin_id id, struct qemu_plugin_tb *code)
{
    (void)id;
    size_t size = qemu_plugin_tb_n_insns(code);
    block *b = calloc(1, sizeof *b + size * sizeof b->instructions[0]);
    if (b == NULL) {
        perror("cycles");
        exit(1);
    }
    b->size = size;
    b->older = blocks;
    blocks = b;
    qemu_plugin_register_vcpu_tb_exec_cb(code, enter, NO_REGISTERS, b);
    for (size_t i = 0; i < size; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(code, i);
        counted                 *c = &b->instructions[i];
        c->address = qemu_plugin_insn_vaddr(instruction);
        c->next = c->address + qemu_plugin_insn_size(instruction);
        if (c->address == from || c->address == to) {
            on_execution call = c->address == from ? start : stop;
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, call, NO_REGISTERS, NULL);
        }
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &c->executed, 1);
    }
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "from=", 5) == 0) {
            from = strtoull(argv[i] + 5, NULL, 0);
        } else if (strncmp(argv[i], "to=", 3) == 0) {
            to = strtoull(argv[i] + 3, NULL, 0);
        } else if (strncmp(argv[i], "counts=", 7) == 0) {
            path = argv[i] + 7;
        } else {
            return 1;
        }
    }
    if (path == NULL) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
