namespace Aegis.Gate.Logs;

/// <summary>Where the whole log of a finished call lies, as an event carries it.</summary>
/// <param name="Hash">SHA-256 of the redacted bytes, 64 lower hex digits.</param>
/// <param name="RedactionVersion">By which version of the redaction it was masked; 0 for none.</param>
public sealed record LogRef(string Hash, long Bytes, int RedactionVersion);
