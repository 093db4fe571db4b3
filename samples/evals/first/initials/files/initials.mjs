export function initials(name) {
}
