/*
 * A libnvidia-ml.so.1 that knows the true joules. See README.md beside this file.
 *
 * Everything a caller can read follows from one thing: each device's power as a function of time, whose
 * integral is known in closed form. The counter and the power sensors only look at that integral at their
 * own instants and with their own resolution, as the real ones do.
 *
 * The structs and the numbers below are those of NVML's public interface.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_DEVICES = 16, MAX_CURVES = 64, MAX_FAULTS = 64, MAX_PROCESSES = 16, MAX_EVENTS = 8 };
enum { OK = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7 };
enum { FIELD_ENERGY = 83, FIELD_POWER_AVERAGE = 185, FIELD_POWER_INSTANT = 186 };
enum { TYPE_UINT = 1, TYPE_ULONGLONG = 3 };

typedef enum { CONSTANT, SQUARE, RAMP, PULSE, NOISE } Shape;

typedef struct { double at, watts, sum; } Level; /* watts from then on, joules up to then */

typedef struct {
    Shape shape;
    double low, high, period, duty, phase, start, end, step;
    uint64_t seed;
    double *sums; /* NOISE: joules up to each step, grown on demand */
    size_t known, room;
} Curve;

enum { COMPUTE, GRAPHICS, MPS };
typedef struct { unsigned pid; double from, until; int kind; } Process;
typedef struct { unsigned long long bits; double from, until; } Throttle;
typedef struct { double at, watts; } LimitChange;
typedef struct { double from, until, every, lasts, watts, scale; } PowerFault; /* what the sensor says in place of the truth */

typedef struct {
    char uuid[96], name[96], bus[32];
    Curve curves[MAX_CURVES];
    int curve_count;
    Level *levels;
    size_t level_count, level_room;
    double period, phase, jitter, lag, start_j, reset_at, stuck_at, step_back_at, step_back_j, jump_at, jump_j;
    unsigned long long resolution_mj;
    int stamp_is_tick;
    double sensor_period, sensor_phase, sensor_window, average_window, sensor_lag, gain, frozen_at, counter_gain, counter_extra_w;
    int usage_is_instant, mig, memory_clock, sm_clock, temperature, no_counter, no_fields, no_energy_field;
    double limit_w, limit_max_w;
    Process processes[MAX_PROCESSES];
    int process_count;
    Throttle throttles[MAX_EVENTS];
    int throttle_count;
    LimitChange limits[MAX_EVENTS];
    int limit_count;
    PowerFault power_faults[MAX_EVENTS];
    int power_fault_count;
} Device;

typedef struct {
    char call[64];
    int code, device, field;
    long from, until;
    double after, probability;
    uint64_t seed;
    long seen;
} Fault;

typedef struct { char name[64]; long count; } Calls;

static Device devices[MAX_DEVICES];
static int device_count, initialised, virtual_time, loaded;
static Fault faults[MAX_FAULTS];
static int fault_count;
static Calls calls[64];
static int calls_known;
static char driver_version[32];
static double virtual_now, wall_offset, call_cost;
static int64_t epoch_ns;

/* ---------------------------------------------------------------- time */

static int64_t clock_ns(clockid_t id) {
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

double sim_now(void) { return virtual_time ? virtual_now : (double)(clock_ns(CLOCK_MONOTONIC) - epoch_ns) * 1e-9; }
void sim_set_time(double seconds) { virtual_now = seconds; }

static int64_t wall_us(double t) {
    if (virtual_time) return (int64_t)((wall_offset + t) * 1e6);
    int64_t offset = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
    return (offset + epoch_ns + (int64_t)(t * 1e9)) / 1000;
}

/* ---------------------------------------------------------------- power and energy */

static uint64_t mix(uint64_t x) { /* splitmix64: the same noise for the same seed, on every machine */
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}
static double unit(uint64_t seed, uint64_t k) { return (double)(mix(seed * 0x2545f4914f6cdd1dull + k) >> 11) / 9007199254740992.0; }

static double noise_power(const Curve *c, size_t k) { return c->low + (c->high - c->low) * unit(c->seed, k); }

static double noise_joules(Curve *c, double t) {
    if (t <= 0) return t * noise_power(c, 0);
    size_t k = (size_t)(t / c->step);
    while (c->known <= k) {
        if (c->known + 1 >= c->room) {
            c->room = c->room ? c->room * 2 : 4096;
            c->sums = realloc(c->sums, c->room * sizeof(double));
        }
        if (!c->known) c->sums[0] = 0, c->known = 1;
        c->sums[c->known] = c->sums[c->known - 1] + noise_power(c, c->known - 1) * c->step;
        c->known++;
    }
    return c->sums[k] + (t - (double)k * c->step) * noise_power(c, k);
}

static double overlap(double t, double start, double end) { return t <= start ? 0 : (t < end ? t : end) - start; }

static double square_joules(const Curve *c, double t) {
    double k = floor((t - c->phase) / c->period), rest = (t - c->phase) - k * c->period;
    if (rest > c->duty * c->period) rest = c->duty * c->period;
    return c->low * t + (c->high - c->low) * (k * c->duty * c->period + rest);
}

static double curve_joules(Curve *c, double t) { /* from time 0 to t; t may be negative */
    double rest;
    switch (c->shape) {
    case CONSTANT: return c->high * t;
    case SQUARE: /* only from start to end, where these are given */
        if (!isfinite(c->start)) return square_joules(c, t);
        return t <= c->start ? 0 : square_joules(c, t < c->end ? t : c->end) - square_joules(c, c->start);
    case RAMP:
        rest = overlap(t, c->start, c->end);
        return c->low * t + (c->high - c->low) * (0.5 * rest * rest / (c->end - c->start) + (t > c->end ? t - c->end : 0));
    case PULSE: return c->low * t + (c->high - c->low) * overlap(t, c->start, c->end);
    case NOISE: return noise_joules(c, t);
    }
    return 0;
}

static double level_joules(const Device *d, double t) {
    size_t low = 0, high = d->level_count; /* the last level that began by t */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (d->levels[middle].at <= t) low = middle + 1;
        else high = middle;
    }
    return low ? d->levels[low - 1].sum + d->levels[low - 1].watts * (t - d->levels[low - 1].at) : 0;
}

static double joules(Device *d, double t) {
    double sum = level_joules(d, t);
    for (int i = 0; i < d->curve_count; i++) sum += curve_joules(&d->curves[i], t);
    return sum;
}

double sim_true_joules(int device, double from, double to) { return joules(&devices[device], to) - joules(&devices[device], from); }

/* ---------------------------------------------------------------- the sensors */

static double tick_time(const Device *d, int64_t k) {
    return d->phase + (double)k * d->period + d->jitter * d->period * (unit(77, (uint64_t)k) - 0.5);
}
static int64_t tick_at(const Device *d, double t) {
    int64_t k = (int64_t)floor((t - d->phase) / d->period) + 1;
    while (tick_time(d, k) > t) k--;
    return k;
}

static unsigned long long counter_mj(Device *d, double t, double *tick) {
    if (t > d->stuck_at) t = d->stuck_at;
    double at = tick_time(d, tick_at(d, t));
    double energy = d->start_j + d->counter_gain * joules(d, at - d->lag) + d->counter_extra_w * at;
    if (at >= d->reset_at) energy = joules(d, at) - joules(d, d->reset_at);
    if (at >= d->step_back_at) energy -= d->step_back_j;
    if (at >= d->jump_at) energy += d->jump_j;
    *tick = at;
    if (energy < 0) energy = 0;
    return (unsigned long long)floor(energy * 1e3 / (double)d->resolution_mj) * d->resolution_mj;
}

static double sensor_w(Device *d, double t, double window) {
    t = (t > d->frozen_at ? d->frozen_at : t) - d->sensor_lag;
    double at = d->sensor_phase + floor((t - d->sensor_phase) / d->sensor_period) * d->sensor_period;
    return (joules(d, at) - joules(d, at - window)) / window;
}
static unsigned power_mw(Device *d, double t, int instant) {
    double watts = d->gain * sensor_w(d, t, instant ? d->sensor_window : d->average_window);
    for (int i = 0; i < d->power_fault_count; i++) {
        const PowerFault *f = &d->power_faults[i];
        if (t < f->from || t >= f->until || fmod(t - f->from, f->every) >= f->lasts) continue;
        watts = isnan(f->watts) ? watts * f->scale : f->watts;
    }
    return (unsigned)llround(1e3 * watts); /* a negative power wraps, as it does in the driver's unsigned number */
}

/* ---------------------------------------------------------------- configuration: lines of `word key=value ...` */

static const char *find(const char *line, const char *key) {
    size_t n = strlen(key);
    for (const char *p = strstr(line, key); p; p = strstr(p + 1, key))
        if (p[n] == '=' && p > line && (p[-1] == ' ' || p[-1] == '\t')) return p + n + 1;
    return NULL;
}
static double number(const char *line, const char *key, double otherwise) {
    const char *p = find(line, key);
    return p ? strtod(p, NULL) : otherwise;
}
static void text(const char *line, const char *key, const char *otherwise, char *out, size_t room) {
    const char *p = find(line, key);
    size_t n;
    if (!p) p = otherwise;
    n = *p == '"' ? strcspn(++p, "\"\n") : strcspn(p, " \t\n");
    if (n >= room) n = room - 1;
    memcpy(out, p, n);
    out[n] = 0;
}
static int is(const char *line, const char *key, const char *value) {
    char got[64];
    text(line, key, "", got, sizeof got);
    return !strcmp(got, value);
}

static void add_device(const char *line) {
    Device *d = &devices[device_count];
    char uuid[96];
    memset(d, 0, sizeof *d);
    snprintf(uuid, sizeof uuid, "GPU-00000000-0000-0000-0000-%012d", device_count);
    text(line, "uuid", uuid, d->uuid, sizeof d->uuid);
    text(line, "name", "Simulated", d->name, sizeof d->name);
    snprintf(d->bus, sizeof d->bus, "00000000:%02X:00.0", device_count + 1);
    d->period = number(line, "period_ms", 100) * 1e-3;
    d->phase = number(line, "phase_ms", 0) * 1e-3;
    d->jitter = number(line, "jitter", 0);
    d->lag = number(line, "lag_ms", 0) * 1e-3;
    d->resolution_mj = (unsigned long long)number(line, "resolution_mj", 1);
    d->start_j = number(line, "start_j", 5000);
    d->reset_at = number(line, "reset_at", INFINITY);
    d->stuck_at = number(line, "stuck_at", INFINITY);
    d->step_back_at = number(line, "step_back_at", INFINITY);
    d->step_back_j = number(line, "step_back_j", 0);
    d->jump_at = number(line, "jump_at", INFINITY);
    d->jump_j = number(line, "jump_j", 0);
    d->stamp_is_tick = is(line, "stamp", "tick");
    d->sensor_period = number(line, "sensor_period_ms", 100) * 1e-3;
    d->sensor_phase = number(line, "sensor_phase_ms", 0) * 1e-3;
    d->sensor_window = number(line, "sensor_window_ms", 25) * 1e-3;
    d->average_window = number(line, "average_window_ms", 1000) * 1e-3;
    d->sensor_lag = number(line, "sensor_lag_ms", 0) * 1e-3;
    d->gain = number(line, "gain", 1);
    d->counter_gain = number(line, "counter_gain", 1);
    d->counter_extra_w = number(line, "counter_extra_w", 0);
    d->frozen_at = number(line, "frozen_at", INFINITY);
    d->usage_is_instant = is(line, "usage", "instant");
    d->mig = (int)number(line, "mig", 0);
    d->sm_clock = (int)number(line, "sm_mhz", 1410);
    d->memory_clock = (int)number(line, "memory_mhz", 1593);
    d->temperature = (int)number(line, "celsius", 41);
    d->no_counter = (int)number(line, "no_counter", 0);
    d->no_fields = (int)number(line, "no_fields", 0);
    d->no_energy_field = (int)number(line, "no_energy_field", 0);
    d->limit_w = number(line, "limit_w", 500);
    d->limit_max_w = number(line, "limit_max_w", d->limit_w);
    device_count++;
}

static void add_curve(Device *d, const char *line) {
    Curve *c = &d->curves[d->curve_count++];
    memset(c, 0, sizeof *c);
    c->shape = is(line, "shape", "square") ? SQUARE : is(line, "shape", "ramp") ? RAMP : is(line, "shape", "pulse") ? PULSE
             : is(line, "shape", "noise") ? NOISE : CONSTANT;
    c->low = number(line, "low", 0);
    c->high = number(line, "high", number(line, "watts", 100));
    c->period = number(line, "period_s", 1);
    c->duty = number(line, "duty", 0.5);
    c->phase = number(line, "phase_s", 0);
    c->start = number(line, "start", c->shape == SQUARE ? -INFINITY : 0);
    c->end = number(line, "end", c->shape == SQUARE ? INFINITY : 1);
    c->step = number(line, "step_s", 0.01);
    c->seed = (uint64_t)number(line, "seed", 1);
}

/* More power from now on: a test adds what its work draws when the work begins. */
int sim_add_curve(int device, const char *line) {
    if (devices[device].curve_count == MAX_CURVES) return 1;
    add_curve(&devices[device], line);
    return 0;
}

/* This many watts on top of the curves from now on, until the next call: what a test's work draws. */
void sim_set_level(int device, double watts) {
    Device *d = &devices[device];
    double now = sim_now(), sum = level_joules(d, now);
    if (d->level_count == d->level_room) {
        d->level_room = d->level_room ? 2 * d->level_room : 1024;
        d->levels = realloc(d->levels, d->level_room * sizeof(Level));
    }
    d->levels[d->level_count++] = (Level){now, watts, sum};
}

static void add_fault(const char *line) {
    Fault *f = &faults[fault_count++];
    memset(f, 0, sizeof *f);
    text(line, "call", "", f->call, sizeof f->call);
    f->code = (int)number(line, "code", 999);
    f->device = (int)number(line, "device", -1);
    f->field = (int)number(line, "field", -1);
    f->from = (long)number(line, "from", 1);
    f->until = (long)number(line, "until", 1e15);
    f->after = number(line, "after", -INFINITY);
    f->probability = number(line, "p", 1);
    f->seed = (uint64_t)number(line, "seed", 1);
}

static void set_clock(const char *line) {
    char ns[32];
    virtual_time = is(line, "kind", "virtual");
    virtual_now = number(line, "start", 0);
    wall_offset = number(line, "wall", 1.7e9);
    call_cost = number(line, "call_us", 0) * 1e-6;
    text(line, "epoch_ns", "0", ns, sizeof ns);
    epoch_ns = strtoll(ns, NULL, 10);
}

static int process_kind(const char *line) {
    return is(line, "kind", "graphics") ? GRAPHICS : is(line, "kind", "mps") ? MPS : COMPUTE;
}

static void configure(const char *line) {
    if (!strncmp(line, "device", 6)) { if (device_count < MAX_DEVICES) add_device(line); }
    else if (!strncmp(line, "clock", 5)) set_clock(line);
    else if (!strncmp(line, "driver", 6)) text(line, "version", "550.0", driver_version, sizeof driver_version);
    else if (!strncmp(line, "fault", 5)) { if (fault_count < MAX_FAULTS) add_fault(line); }
    else if (device_count) {
        Device *d = &devices[device_count - 1];
        double from = number(line, "from", -INFINITY), until = number(line, "until", INFINITY);
        if (!strncmp(line, "curve", 5) && d->curve_count < MAX_CURVES) add_curve(d, line);
        if (!strncmp(line, "process", 7) && d->process_count < MAX_PROCESSES)
            d->processes[d->process_count++] = (Process){(unsigned)number(line, "pid", 1), from, until, process_kind(line)};
        if (!strncmp(line, "throttle", 8) && d->throttle_count < MAX_EVENTS)
            d->throttles[d->throttle_count++] = (Throttle){(unsigned long long)number(line, "bits", 0), from, until};
        if (!strncmp(line, "power", 5) && d->power_fault_count < MAX_EVENTS)
            d->power_faults[d->power_fault_count++] = (PowerFault){number(line, "from", 0), until, number(line, "every", INFINITY),
                number(line, "lasts", INFINITY), number(line, "watts", NAN), number(line, "scale", 1)};
        if (!strncmp(line, "limit", 5) && d->limit_count < MAX_EVENTS)
            d->limits[d->limit_count++] = (LimitChange){number(line, "at", 0), number(line, "watts", 100)};
    }
}

void sim_load(const char *configuration) {
    for (int i = 0; i < device_count; i++) {
        for (int j = 0; j < devices[i].curve_count; j++) free(devices[i].curves[j].sums);
        free(devices[i].levels);
    }
    device_count = fault_count = calls_known = initialised = 0;
    virtual_time = 0, epoch_ns = 0, call_cost = 0;
    strcpy(driver_version, "550.0");
    char line[1024];
    for (const char *p = configuration; *p;) {
        size_t n = strcspn(p, "\n"), m = n < sizeof line - 1 ? n : sizeof line - 1;
        memcpy(line, p, m);
        line[m] = 0;
        configure(line);
        p += n + (p[n] == '\n');
    }
    loaded = 1;
}

static void load_from_environment(void) {
    static char buffer[65536];
    const char *path = getenv("NVML_SIM_CONFIG");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) { sim_load(""); return; }
    buffer[fread(buffer, 1, sizeof buffer - 1, file)] = 0;
    fclose(file);
    sim_load(buffer);
}

/* ---------------------------------------------------------------- what every call goes through */

static void count_call(const char *name) {
    int i = 0;
    while (i < calls_known && strcmp(calls[i].name, name)) i++;
    if (i == calls_known && calls_known < 64) {
        snprintf(calls[i].name, sizeof calls[i].name, "%s", name);
        calls[calls_known++].count = 0;
    }
    if (i < 64) calls[i].count++;
}
long sim_calls(const char *name) {
    for (int i = 0; i < calls_known; i++) if (!strcmp(calls[i].name, name)) return calls[i].count;
    return 0;
}
const char *sim_call_name(int i) { return i < calls_known ? calls[i].name : ""; }

static int fault_of(const char *call, int device, int field) {
    for (int i = 0; i < fault_count; i++) {
        Fault *f = &faults[i];
        if (f->field != field || (strcmp(f->call, call) && strcmp(f->call, "*"))) continue;
        if (f->device >= 0 && f->device != device) continue;
        f->seen++;
        if (f->seen < f->from || f->seen > f->until || sim_now() < f->after) continue;
        if (f->probability < 1 && unit(f->seed, (uint64_t)f->seen) >= f->probability) continue;
        return f->code;
    }
    return OK;
}

static int enter(const char *call, int device) {
    if (!loaded) load_from_environment();
    count_call(call);
    if (virtual_time) virtual_now += 0.5 * call_cost; /* the value is taken in the middle of the call */
    return fault_of(call, device, -1);
}
static int leave(int code) {
    if (virtual_time) virtual_now += 0.5 * call_cost;
    return code;
}

static int index_of(void *handle) { return (int)((Device *)handle - devices); }
#define ENTER(DEVICE) \
    int failed = enter(__func__, DEVICE); \
    if (failed) return leave(failed); \
    if (!initialised) return leave(UNINITIALIZED)
#define DEVICE_CALL(HANDLE) \
    if (!HANDLE) return INVALID_ARGUMENT; \
    Device *d = (Device *)(HANDLE); \
    ENTER(index_of(HANDLE)); \
    double now = sim_now(); \
    (void)now; (void)d

/* ---------------------------------------------------------------- NVML */

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    int failed = enter(__func__, -1);
    if (!failed) initialised++;
    return leave(failed);
}
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { ENTER(-1); initialised--; return leave(OK); }
const char *nvmlErrorString(int code) { (void)code; return "an error of the simulated driver"; }
int nvmlSystemGetDriverVersion(char *out, unsigned room) { ENTER(-1); snprintf(out, room, "%s", driver_version); return leave(OK); }
int nvmlSystemGetNVMLVersion(char *out, unsigned room) { ENTER(-1); snprintf(out, room, "12.%s", driver_version); return leave(OK); }
int nvmlSystemGetCudaDriverVersion_v2(int *out) { ENTER(-1); *out = 12040; return leave(OK); }

int nvmlDeviceGetCount_v2(unsigned *out) { ENTER(-1); *out = (unsigned)device_count; return leave(OK); }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **out) {
    ENTER((int)index);
    if (index >= (unsigned)device_count) return leave(INVALID_ARGUMENT);
    *out = &devices[index];
    return leave(OK);
}
int nvmlDeviceGetHandleByUUID(const char *uuid, void **out) {
    ENTER(-1);
    for (int i = 0; i < device_count; i++)
        if (!strcmp(devices[i].uuid, uuid)) { *out = &devices[i]; return leave(OK); }
    return leave(NOT_FOUND);
}
int nvmlDeviceGetUUID(void *h, char *out, unsigned room) { DEVICE_CALL(h); snprintf(out, room, "%s", d->uuid); return leave(OK); }
int nvmlDeviceGetName(void *h, char *out, unsigned room) { DEVICE_CALL(h); snprintf(out, room, "%s", d->name); return leave(OK); }
int nvmlDeviceGetIndex(void *h, unsigned *out) { DEVICE_CALL(h); *out = (unsigned)index_of(h); return leave(OK); }
int nvmlDeviceGetMinorNumber(void *h, unsigned *out) { DEVICE_CALL(h); *out = (unsigned)index_of(h); return leave(OK); }
int nvmlDeviceGetBrand(void *h, unsigned *out) { DEVICE_CALL(h); *out = 2; return leave(OK); }
int nvmlDeviceGetArchitecture(void *h, unsigned *out) { DEVICE_CALL(h); *out = d->usage_is_instant && d->no_counter ? 4 : 7; return leave(OK); }
/* Power usage is an average from 8.6 on: before that (6.1), and on 8.0, it is instantaneous. */
int nvmlDeviceGetCudaComputeCapability(void *h, int *major, int *minor) {
    DEVICE_CALL(h);
    *major = d->usage_is_instant && d->no_counter ? 6 : 8;
    *minor = d->usage_is_instant ? (d->no_counter ? 1 : 0) : 6;
    return leave(OK);
}

typedef struct { char legacy[16]; unsigned domain, bus, device, id, subsystem; char bus_id[32]; } PciInfo;
int nvmlDeviceGetPciInfo_v3(void *h, PciInfo *out) {
    DEVICE_CALL(h);
    memset(out, 0, sizeof *out);
    out->bus = (unsigned)index_of(h) + 1;
    memcpy(out->legacy, d->bus + 4, 13);
    memcpy(out->bus_id, d->bus, sizeof out->bus_id);
    return leave(OK);
}

#ifndef WITHOUT_ENERGY_COUNTER
int nvmlDeviceGetTotalEnergyConsumption(void *h, unsigned long long *out) {
    DEVICE_CALL(h);
    double tick;
    if (d->no_counter) return leave(NOT_SUPPORTED);
    *out = counter_mj(d, now, &tick);
    return leave(OK);
}
#endif

int nvmlDeviceGetPowerUsage(void *h, unsigned *out) { DEVICE_CALL(h); *out = power_mw(d, now, d->usage_is_instant); return leave(OK); }

typedef union { double dVal; unsigned uiVal; unsigned long ulVal; unsigned long long ullVal; long long sllVal; } Value;
typedef struct { unsigned fieldId, scopeId; int64_t timestamp, latencyUsec; unsigned valueType; int nvmlReturn; Value value; } FieldValue;

#ifndef WITHOUT_FIELD_VALUES
int nvmlDeviceGetFieldValues(void *h, int count, FieldValue *values) {
    DEVICE_CALL(h);
    if (d->no_fields) return leave(NOT_SUPPORTED);
    for (int i = 0; i < count; i++) {
        FieldValue *v = &values[i];
        double tick = now;
        int missing = 0;
        memset(&v->value, 0, sizeof v->value);
        if (v->fieldId == FIELD_ENERGY) {
            v->valueType = TYPE_ULONGLONG;
            v->value.ullVal = counter_mj(d, now, &tick);
            missing = d->no_counter || d->no_energy_field;
        } else if (v->fieldId == FIELD_POWER_AVERAGE || v->fieldId == FIELD_POWER_INSTANT) {
            v->valueType = TYPE_UINT;
            v->value.uiVal = power_mw(d, now, v->fieldId == FIELD_POWER_INSTANT);
        } else missing = 1;
        v->timestamp = wall_us(d->stamp_is_tick ? tick : now);
        v->latencyUsec = 0;
        v->nvmlReturn = missing ? NOT_SUPPORTED : fault_of(__func__, index_of(h), (int)v->fieldId);
        if (v->nvmlReturn) memset(&v->value, 0, sizeof v->value);
    }
    return leave(OK);
}
#endif

static double limit_w(const Device *d, double now) {
    double watts = d->limit_w;
    for (int i = 0; i < d->limit_count; i++) if (now >= d->limits[i].at) watts = d->limits[i].watts;
    return watts;
}
int nvmlDeviceGetEnforcedPowerLimit(void *h, unsigned *out) { DEVICE_CALL(h); *out = (unsigned)lround(1e3 * limit_w(d, now)); return leave(OK); }
int nvmlDeviceGetPowerManagementLimit(void *h, unsigned *out) { DEVICE_CALL(h); *out = (unsigned)lround(1e3 * limit_w(d, now)); return leave(OK); }
int nvmlDeviceGetPowerManagementDefaultLimit(void *h, unsigned *out) { DEVICE_CALL(h); *out = (unsigned)lround(1e3 * d->limit_w); return leave(OK); }
int nvmlDeviceGetPowerManagementMode(void *h, unsigned *out) { DEVICE_CALL(h); *out = 1; return leave(OK); }
int nvmlDeviceGetPowerManagementLimitConstraints(void *h, unsigned *low, unsigned *high) {
    DEVICE_CALL(h);
    *low = 100000;
    *high = (unsigned)lround(1e3 * d->limit_max_w);
    return leave(OK);
}
int nvmlDeviceGetTemperature(void *h, unsigned sensor, unsigned *out) { DEVICE_CALL(h); (void)sensor; *out = (unsigned)d->temperature; return leave(OK); }
int nvmlDeviceGetClockInfo(void *h, unsigned type, unsigned *out) {
    DEVICE_CALL(h); *out = (unsigned)(type == 2 ? d->memory_clock : d->sm_clock); return leave(OK);
}
int nvmlDeviceGetPerformanceState(void *h, unsigned *out) { DEVICE_CALL(h); *out = 0; return leave(OK); }
int nvmlDeviceGetComputeMode(void *h, unsigned *out) { DEVICE_CALL(h); *out = 0; return leave(OK); }
int nvmlDeviceGetPersistenceMode(void *h, unsigned *out) { DEVICE_CALL(h); *out = 1; return leave(OK); }

static unsigned long long throttle_bits(const Device *d, double now) {
    unsigned long long bits = 0;
    for (int i = 0; i < d->throttle_count; i++) if (now >= d->throttles[i].from && now < d->throttles[i].until) bits |= d->throttles[i].bits;
    return bits;
}
int nvmlDeviceGetCurrentClocksEventReasons(void *h, unsigned long long *out) { DEVICE_CALL(h); *out = throttle_bits(d, now); return leave(OK); }
int nvmlDeviceGetCurrentClocksThrottleReasons(void *h, unsigned long long *out) { DEVICE_CALL(h); *out = throttle_bits(d, now); return leave(OK); }

typedef struct { unsigned long long reference, violation; } ViolationTime; /* microseconds, nanoseconds */
int nvmlDeviceGetViolationStatus(void *h, unsigned policy, ViolationTime *out) {
    static const unsigned long long bits_of[] = {0x4, 0x20 | 0x40 | 0x8};
    DEVICE_CALL(h);
    double seconds = 0;
    if (policy < 2)
        for (int i = 0; i < d->throttle_count; i++)
            if (d->throttles[i].bits & bits_of[policy]) seconds += overlap(now, fmax(d->throttles[i].from, 0), d->throttles[i].until);
    out->reference = (unsigned long long)wall_us(now);
    out->violation = (unsigned long long)(seconds * 1e9);
    return leave(OK);
}

int nvmlDeviceGetMigMode(void *h, unsigned *current, unsigned *pending) { DEVICE_CALL(h); *current = *pending = (unsigned)d->mig; return leave(OK); }
int nvmlDeviceGetMaxMigDeviceCount(void *h, unsigned *out) { DEVICE_CALL(h); *out = d->mig ? 7 : 0; return leave(OK); }

typedef struct { unsigned pid; unsigned long long memory; unsigned gi, ci; } ProcessInfo;
static int processes(void *h, unsigned *count, ProcessInfo *out, const char *call, int kind) {
    Device *d = h;
    int failed = enter(call, index_of(h));
    if (failed) return leave(failed);
    unsigned found = 0;
    double now = sim_now();
    for (int i = 0; i < d->process_count; i++) {
        if (d->processes[i].kind != kind || now < d->processes[i].from || now >= d->processes[i].until) continue;
        if (out && found < *count) out[found] = (ProcessInfo){d->processes[i].pid, 1 << 30, ~0u, ~0u};
        found++;
    }
    int small = found > (out ? *count : 0);
    *count = found;
    return leave(small ? TOO_SMALL : OK);
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *h, unsigned *count, ProcessInfo *out) { return processes(h, count, out, __func__, COMPUTE); }
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *h, unsigned *count, ProcessInfo *out) { return processes(h, count, out, __func__, GRAPHICS); }
int nvmlDeviceGetMPSComputeRunningProcesses_v3(void *h, unsigned *count, ProcessInfo *out) { return processes(h, count, out, __func__, MPS); }

typedef struct { unsigned long long total, free, used; } Memory;
int nvmlDeviceGetMemoryInfo(void *h, Memory *out) { DEVICE_CALL(h); *out = (Memory){80ull << 30, 79ull << 30, 1ull << 30}; return leave(OK); }
typedef struct { unsigned gpu, memory; } Utilization;
int nvmlDeviceGetUtilizationRates(void *h, Utilization *out) { DEVICE_CALL(h); *out = (Utilization){50, 20}; return leave(OK); }
