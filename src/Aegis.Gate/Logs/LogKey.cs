using System.Globalization;
using Aegis.Core;

namespace Aegis.Gate.Logs;

/// <summary>The call a log belongs to. Its names become file names, so they are ids or nothing.</summary>
public sealed record LogKey(RunId Run, string StepId, int Attempt)
{
    internal string FileUnder(string root, string suffix)
    {
        if (!IdRule.IsValid(Run.Value) || !IdRule.IsValid(StepId) || Attempt < 1)
        {
            throw new ArgumentException($"not a call's key: {this}");
        }
        var attempt = Attempt.ToString(CultureInfo.InvariantCulture);
        return Path.Combine(root, Run.Value, $"{StepId}.{attempt}{suffix}");
    }
}
