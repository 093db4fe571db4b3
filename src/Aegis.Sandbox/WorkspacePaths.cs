using Aegis.Core;

namespace Aegis.Sandbox;

/// <summary>The folders of one run: <c>a/STEP.ATTEMPT</c> are open attempts, <c>l/ID</c> sealed layers with
/// <c>l/ID.json</c> (what it is) and <c>l/ID.paths</c> (what it changed) beside, <c>f/HASH</c> flattened
/// ones, <c>e</c> an empty one.</summary>
internal sealed class WorkspacePaths
{
    public WorkspacePaths(string root, string runId)
    {
        Run = Path.Combine(root, Checked(runId, "run id"));
    }

    public string Run { get; }

    public string Attempts => Path.Combine(Run, "a");

    public string Layers => Path.Combine(Run, "l");

    public string Flattened => Path.Combine(Run, "f");

    public string Empty => Path.Combine(Run, "e");

    public string Attempt(string stepId, int attempt) => Path.Combine(Attempts, LayerId(stepId, attempt));

    public string Layer(string layerId) => Path.Combine(Layers,
        Checked(layerId, "layer id", IdRule.LengthMax + 8));

    public string Record(string layerId) => Layer(layerId) + ".json";

    public string Changes(string layerId) => Layer(layerId) + ".paths";

    public static string LayerId(string stepId, int attempt) => attempt is >= 1 and <= 9999
        ? $"{Checked(stepId, "step id")}.{attempt}"
        : throw new ArgumentOutOfRangeException(nameof(attempt), attempt, "an attempt is 1 to 9999");

    public void Make()
    {
        foreach (var folder in new[] { Attempts, Layers, Flattened, Empty })
        {
            Directory.CreateDirectory(folder);
        }
    }

    /// <summary>Ids become folder names and mount options: nothing but an id's characters may pass.</summary>
    private static string Checked(string id, string what, int lengthMax = IdRule.LengthMax) =>
        id.Length <= lengthMax && IdRule.IsValid(id.AsSpan(0, Math.Min(id.Length, IdRule.LengthMax)))
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? id
            : throw new ArgumentException($"'{id}' is no {what}");
}
