/* Stands in for NVIDIA's management library: two GPUs, the second without a fan and lost later.
   Only what our driver asks; layouts and numbers from nvml.h. */
#include <stdlib.h>
#include <string.h>

#define NOT_SUPPORTED 3
#define INSUFFICIENT_SIZE 7
#define GPU_IS_LOST 15
#define LIB_RM_VERSION_MISMATCH 18

typedef struct { unsigned gpu, memory; } use_t;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory_t;
typedef struct { unsigned pid; unsigned long long memory; unsigned gi, ci; } process_t;

static int is_lost(void *gpu) { return (long)gpu == 2 && getenv("NVML_LOST") != NULL; }

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    return getenv("NVML_MISMATCH") ? LIB_RM_VERSION_MISMATCH : 0;
}
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) { return code == GPU_IS_LOST ? "lost" : "some error"; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **gpu) {
    *gpu = (void *)(long)(index + 1);
    return 0;
}
int nvmlDeviceGetName(void *gpu, char *name, unsigned length) {
    strncpy(name, (long)gpu == 1 ? "NVIDIA H200" : "NVIDIA T4", length);
    return 0;
}
int nvmlDeviceGetUUID(void *gpu, char *uuid, unsigned length) {
    strncpy(uuid, (long)gpu == 1 ? "GPU-1a2b" : "GPU-3c4d", length);
    return 0;
}
int nvmlDeviceGetUtilizationRates(void *gpu, use_t *use) {
    if (is_lost(gpu)) return GPU_IS_LOST;
    use->gpu = 87;
    use->memory = 40;
    return 0;
}
int nvmlDeviceGetMemoryInfo_v2(void *gpu, memory_t *memory) {
    if (is_lost(gpu)) return GPU_IS_LOST;
    memory->total = 1000;
    memory->used = 250;
    return 0;
}
int nvmlDeviceGetPowerUsage(void *gpu, unsigned *milliwatts) {
    if (is_lost(gpu)) return GPU_IS_LOST;
    *milliwatts = 612345;
    return 0;
}
int nvmlDeviceGetEnforcedPowerLimit(void *gpu, unsigned *milliwatts) {
    if (is_lost(gpu)) return GPU_IS_LOST;
    *milliwatts = 700000;
    return 0;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void *gpu, unsigned long long *reasons) {
    if (is_lost(gpu)) return GPU_IS_LOST;
    *reasons = (long)gpu == 1 ? 0x1 | 0x4 | 0x20 : 0x1;
    return 0;
}
int nvmlDeviceGetTemperature(void *gpu, int sensor, unsigned *celsius) {
    (void)sensor;
    if (is_lost(gpu)) return GPU_IS_LOST;
    *celsius = 71;
    return 0;
}
int nvmlDeviceGetFanSpeed(void *gpu, unsigned *percent) {
    *percent = 55;
    return (long)gpu == 2 ? NOT_SUPPORTED : 0;
}
int nvmlDeviceGetClockInfo(void *gpu, int kind, unsigned *mhz) {
    if (is_lost(gpu)) return GPU_IS_LOST;
    *mhz = kind == 0 ? 1980 : 3201;
    return 0;
}
int nvmlDeviceGetMaxClockInfo(void *gpu, int kind, unsigned *mhz) {
    (void)gpu;
    (void)kind;
    *mhz = 1995;
    return 0;
}
static int processes(void *gpu, unsigned *count, process_t *found, unsigned extra) {
    unsigned there = is_lost(gpu) ? 0 : extra;
    if (there > *count) {
        *count = there;
        return INSUFFICIENT_SIZE;
    }
    for (unsigned i = 0; i < there; i++) found[i] = (process_t){100 + i, 64, 0, 0};
    if (there) found[0].memory = (unsigned long long)-1;
    *count = there;
    return 0;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *gpu, unsigned *count, process_t *found) {
    return processes(gpu, count, found, (long)gpu == 1 ? 2 : 0);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *gpu, unsigned *count, process_t *found) {
    return processes(gpu, count, found, (long)gpu == 1 ? 3 : 0);
}
