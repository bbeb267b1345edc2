package stage

// Faults are what is to go wrong, by the name of what it happens to. Those of the same name come one after the other.
type Faults[F any] map[string][]due[F]

// due is a fault and how many requests it is still to meet.
type due[F any] struct {
	fault F
	times int
}

// Put has the next requests of a name meet a fault: so many of them, or one.
func (f Faults[F]) Put(name string, fault F, times int) {
	f[name] = append(f[name], due[F]{fault, max(times, 1)})
}

// Take returns the fault that a request meets, or nil.
func (f Faults[F]) Take(name string) *F {
	if len(f[name]) == 0 {
		return nil
	}
	first := &f[name][0]
	if first.times--; first.times == 0 {
		f[name] = f[name][1:]
	}
	return &first.fault
}
