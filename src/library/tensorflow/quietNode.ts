// TensorFlow tells much about its start. It reads this when it is loaded; who wants to hear more sets it before.
process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
