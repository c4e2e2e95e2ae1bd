/*
 * A libnvidia-ml.so.1 that knows the true joules, for tests of the meter through the real Python binding.
 *
 * The file named by NVML_SIM_CONFIG has a line for each thing; a number that is left out has its default:
 *     device uuid=GPU-a name=Simulated period_ms=100 start_j=5000 mig=0 no_counter=0
 *     curve watts=100                      the power of the device above it
 *     fault call=FUNCTION code=N from=1    the call fails with NVML's code N, from its nth time on
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OK = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, LIMIT = 16 };

typedef struct { char uuid[96], name[96]; double period_s, start_j, watts; int mig, no_counter; } Device;
typedef struct { char call[64]; int code; long from, seen; } Fault;

static Device devices[LIMIT];
static Fault faults[LIMIT];
static int device_count, fault_count, started, loaded;

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void text(const char *line, const char *key, const char *otherwise, char *out, size_t room) {
    char wanted[32];
    snprintf(wanted, sizeof wanted, " %s=", key);
    const char *at = strstr(line, wanted);
    snprintf(out, room, "%s", otherwise);
    if (at) snprintf(out, room, "%.*s", (int)strcspn(at + strlen(wanted), " \n"), at + strlen(wanted));
}

static double number(const char *line, const char *key, double otherwise) {
    char found[64];
    text(line, key, "", found, sizeof found);
    return *found ? atof(found) : otherwise;
}

static void take(const char *line) {
    if (!strncmp(line, "device", 6) && device_count < LIMIT) {
        Device *d = &devices[device_count];
        char uuid[64];
        snprintf(uuid, sizeof uuid, "GPU-00000000-0000-0000-0000-%012d", device_count++);
        text(line, "uuid", uuid, d->uuid, sizeof d->uuid);
        text(line, "name", "Simulated", d->name, sizeof d->name);
        d->period_s = 1e-3 * number(line, "period_ms", 100);
        d->start_j = number(line, "start_j", 5000);
        d->mig = (int)number(line, "mig", 0);
        d->no_counter = (int)number(line, "no_counter", 0);
    } else if (!strncmp(line, "curve", 5) && device_count) {
        devices[device_count - 1].watts = number(line, "watts", 100);
    } else if (!strncmp(line, "fault", 5) && fault_count < LIMIT) {
        Fault *f = &faults[fault_count++];
        text(line, "call", "", f->call, sizeof f->call);
        f->code = (int)number(line, "code", 999);
        f->from = (long)number(line, "from", 1);
    }
}

static void load(void) {
    const char *path = getenv("NVML_SIM_CONFIG");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[512];
    loaded = 1;
    while (file && fgets(line, sizeof line, file)) take(line);
    if (file) fclose(file);
}

static int enter(const char *call) {
    if (!loaded) load();
    for (int i = 0; i < fault_count; i++)
        if (!strcmp(faults[i].call, call) && ++faults[i].seen >= faults[i].from) return faults[i].code;
    return OK;
}

#define CALL() \
    int failed = enter(__func__); \
    if (failed || !started) return failed ? failed : UNINITIALIZED

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    int failed = enter(__func__);
    started += !failed;
    return failed;
}
int nvmlShutdown(void) { CALL(); started--; return OK; }
const char *nvmlErrorString(int code) { (void)code; return "an error of the simulated driver"; }
int nvmlSystemGetDriverVersion(char *out, unsigned room) { CALL(); snprintf(out, room, "550.0"); return OK; }
int nvmlDeviceGetCount_v2(unsigned *out) { CALL(); *out = (unsigned)device_count; return OK; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device **out) {
    CALL();
    if (index >= (unsigned)device_count) return INVALID_ARGUMENT;
    *out = &devices[index];
    return OK;
}
int nvmlDeviceGetUUID(Device *d, char *out, unsigned room) { CALL(); snprintf(out, room, "%s", d->uuid); return OK; }
int nvmlDeviceGetName(Device *d, char *out, unsigned room) { CALL(); snprintf(out, room, "%s", d->name); return OK; }
int nvmlDeviceGetMigMode(Device *d, unsigned *current, unsigned *pending) {
    CALL();
    *current = *pending = (unsigned)d->mig;
    return OK;
}
int nvmlDeviceGetTotalEnergyConsumption(Device *d, unsigned long long *mj) {
    CALL();
    if (d->no_counter) return NOT_SUPPORTED;
    double tick_s = floor(now_s() / d->period_s) * d->period_s; /* the value stands still between two ticks */
    *mj = (unsigned long long)(1e3 * (d->start_j + d->watts * tick_s));
    return OK;
}
