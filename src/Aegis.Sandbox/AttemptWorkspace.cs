namespace Aegis.Sandbox;

/// <summary>The overlay of one attempt of one task: read-only sealed layers below, a fresh upper layer on
/// top. Made by <c>Workspaces</c>.</summary>
public sealed record AttemptWorkspace(string RunId, string StepId, int Attempt,
    System.Collections.Immutable.ImmutableArray<string> LowerDirectories, string UpperDirectory,
    string WorkDirectory);
