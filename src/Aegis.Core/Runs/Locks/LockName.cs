using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Plans;

namespace Aegis.Core.Runs.Locks;

/// <summary>What may be the name of a resource.</summary>
public static class LockName
{
    /// <summary>Null for a good one.</summary>
    public static AegisError? Fault(string name)
    {
        var bytes = Encoding.UTF8.GetByteCount(name);
        return bytes is > 0 and <= WorkflowLimits.LockNameBytesMax && !name.Any(char.IsControl)
            && !name.EnumerateRunes().Contains(Rune.ReplacementChar)
            ? null
            : new AegisError("AEGIS4234", "the name of a resource to lock is malformed",
                $"1 to {WorkflowLimits.LockNameBytesMax} bytes of UTF-8 without control characters",
                $"{bytes} bytes", "correct the name");
    }
}
