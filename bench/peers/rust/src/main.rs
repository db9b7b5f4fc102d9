//! The crates `logdrain` and `drain3` as subjects of the speed bench: `winnow-bench-peer LINES NAME`.
//! Protocol: see run-subject.ts.

use std::io::{BufRead, Write};
use std::time::Instant;

/// The clock is looked at once in this many lines.
const LINES_A_LOOK: usize = 64;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&args[1]).expect("lines");
    let lines: Vec<&str> = text.lines().collect();
    match args[2].as_str() {
        "logdrain" => serve_logdrain(&lines, Vec::new()),
        "logdrain-masks" => {
            use logdrain::builtin_masks as masks;
            serve_logdrain(&lines, vec![masks::uuid(), masks::email(), masks::ipv4(), masks::hex32()])
        }
        "drain3" => serve_drain3(&lines, Vec::new()),
        "drain3-masks" => {
            // The two masks of the crate's own README.
            let mask = |pattern: &str, mask: &str| drain3::MaskingInstruction {
                pattern: pattern.into(),
                mask: mask.into(),
            };
            serve_drain3(&lines, vec![mask(r"\b\d{1,3}(\.\d{1,3}){3}\b", "<IP>"), mask(r"\d+", "<NUM>")])
        }
        other => panic!("no peer {other}"),
    }
}

fn serve_logdrain(lines: &[&str], masks: Vec<logdrain::Mask>) {
    let miner = logdrain::Miner::builder().masks(masks).build().expect("options");
    serve(lines, |line| std::hint::black_box(miner.add(line).cluster_id) as usize);
    end(miner.len());
}

fn serve_drain3(lines: &[&str], masking: Vec<drain3::MaskingInstruction>) {
    let config = drain3::Config { masking, ..Default::default() };
    let mut matcher = drain3::Matcher::new(config);
    // Online, the crate numbers its templates one after the other; a line that it refuses (too long) counts as read.
    let mut largest = 0;
    serve(lines, |line| {
        let id = std::hint::black_box(matcher.add_log_message(line)).map_or(0, |template| template.id());
        largest = largest.max(id);
        id
    });
    end(largest);
}

/// Works in rounds until `end` is asked for; leaves the line of JSON open for `end`.
fn serve(lines: &[&str], mut add: impl FnMut(&str) -> usize) {
    let (mut at, mut total_lines, mut total_bytes) = (0, 0, 0);
    let mut ids = 0;
    say("\"ready\"\n");
    for command in std::io::stdin().lock().lines() {
        let command = command.expect("command");
        let Some(budget) = command.strip_prefix("round ") else { break };
        let budget_ms: f64 = budget.parse().expect("budget");
        let (wall, start) = (Instant::now(), cpu_ms());
        let (mut done, mut size) = (0, 0);
        while cpu_ms() - start < budget_ms {
            for _ in 0..LINES_A_LOOK {
                ids ^= add(lines[at]);
                size += lines[at].len();
                at = if at + 1 < lines.len() { at + 1 } else { 0 };
            }
            done += LINES_A_LOOK;
        }
        let used = cpu_ms() - start;
        total_lines += done;
        total_bytes += size;
        let wall_ms = wall.elapsed().as_secs_f64() * 1e3;
        say(&format!("{{\"records\":{done},\"bytes\":{size},\"cpuMs\":{used},\"wallMs\":{wall_ms}}}\n"));
    }
    std::hint::black_box(ids);
    say(&format!("{{\"lines\":{total_lines},\"bytes\":{total_bytes},"));
}

fn end(templates: usize) {
    say(&format!("\"templates\":{templates}}}\n"));
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).expect("write");
    out.flush().expect("flush");
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanos: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

/// CPU time of all threads (Linux's CLOCK_PROCESS_CPUTIME_ID).
fn cpu_ms() -> f64 {
    let mut time = Timespec { seconds: 0, nanos: 0 };
    assert_eq!(unsafe { clock_gettime(2, &mut time) }, 0);
    time.seconds as f64 * 1e3 + time.nanos as f64 / 1e6
}
