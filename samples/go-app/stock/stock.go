// Package stock counts what is on the shelves.
package stock

// Count adds up the boxes.
func Count(boxes []int) int {
	sum := 0
	for _, box := range boxes {
		sum += box
	}
	return sum
}
