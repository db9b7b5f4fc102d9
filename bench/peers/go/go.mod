module winnow-bench-peer

go 1.24

require github.com/jaeyo/go-drain3 v0.1.2

require github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
