// TensorFlow reads these when it is loaded; who wants other values sets them before.
const settings = {
  // TensorFlow tells much about its start.
  TF_CPP_MIN_LOG_LEVEL: "2",
  // The same numbers on more machines: without oneDNN's own operations, with the same matrix products on processors with
  // and without AVX-512, and on one thread, which is also faster for networks as small as those of a course.
  TF_ENABLE_ONEDNN_OPTS: "0",
  DNNL_MAX_CPU_ISA: "AVX2",
  TF_NUM_INTRAOP_THREADS: "1",
};
for (const [name, value] of Object.entries(settings)) {
  process.env[name] ??= value;
}
