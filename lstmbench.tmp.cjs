const { lstm, perStep } = require("./src/tools/dist/bench/cases.js");
const { median } = require("vanishing-gradients");
(async()=>{ const t=lstm(); const f=[],r=[]; for(let i=0;i<3;i++){ f.push(await perStep(t.fit,10)); r.push(await perStep(t.record,100)); } console.log(median(f),median(r),median(r)/median(f)); })();
