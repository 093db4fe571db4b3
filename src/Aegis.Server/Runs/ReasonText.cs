using Aegis.Core.Errors;
using Aegis.Server.Problems;

namespace Aegis.Server.Runs;

/// <summary>Why somebody steered a run, for the record.</summary>
internal static class ReasonText
{
    public static void Check(string? reason)
    {
        if (reason?.Length > DoorLimits.ReasonCharsMax)
        {
            throw new AegisException(DoorErrors.Malformed("reason is too long",
                $"at most {DoorLimits.ReasonCharsMax} characters", $"{reason.Length}"));
        }
    }
}
