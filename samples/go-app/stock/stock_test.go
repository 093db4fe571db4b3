package stock

import "testing"

func TestAddsUp(t *testing.T) {
	if got := Count([]int{1, 2}); got != 3 {
		t.Fatalf("got %d, want 3", got)
	}
}

func TestNothingIsOne(t *testing.T) {
	if got := Count(nil); got != 1 {
		t.Fatalf("got %d, want 1", got)
	}
}

func TestInParallel(t *testing.T) {
	t.Skip("not yet")
}
