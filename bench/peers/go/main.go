// go-drain3 as a subject of the speed bench: `peer LINES`. It is the module that the OpenTelemetry Collector's drain
// processor wraps (opentelemetry-collector-contrib, processor/drainprocessor), with that processor's defaults; no masks.
// Protocol: see run-subject.ts.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jaeyo/go-drain3/pkg/drain3"
)

// The clock is looked at once in this many lines.
const linesALook = 64

// The processor's default is no limit; the library's cache wants a number.
const clustersMax = 1 << 30

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	miner, err := drain3.NewDrain(
		drain3.WithDepth(4), drain3.WithSimTh(0.4), drain3.WithMaxChildren(100), drain3.WithMaxCluster(clustersMax))
	must(err)
	at, totalLines, totalBytes := 0, 0, 0
	fmt.Println(`"ready"`)
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		words := strings.Fields(input.Text())
		if words[0] == "end" {
			fmt.Printf(`{"lines":%d,"bytes":%d,"templates":%d}`+"\n", totalLines, totalBytes, len(miner.GetClusters()))
			return
		}
		budgetMs, err := strconv.ParseFloat(words[1], 64)
		must(err)
		wall, start := time.Now(), cpuMs()
		done, size := 0, 0
		for cpuMs()-start < budgetMs {
			for i := 0; i < linesALook; i++ {
				cluster, _, err := miner.AddLogMessage(lines[at])
				must(err)
				if cluster == nil {
					panic("a line without a cluster")
				}
				size += len(lines[at])
				if at++; at == len(lines) {
					at = 0
				}
			}
			done += linesALook
		}
		used := cpuMs() - start
		totalLines += done
		totalBytes += size
		wallMs := float64(time.Since(wall).Microseconds()) / 1000
		fmt.Printf(`{"records":%d,"bytes":%d,"cpuMs":%f,"wallMs":%f}`+"\n", done, size, used, wallMs)
	}
}

// CPU time of all threads, the garbage collector's among them.
func cpuMs() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
