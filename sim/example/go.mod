module sandcastle.example/sim

go 1.26.0

require sandcastle v0.0.0

replace sandcastle => ../..
