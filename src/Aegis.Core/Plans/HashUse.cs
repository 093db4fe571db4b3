namespace Aegis.Core.Plans;

/// <summary>Where a step calls <c>hashFiles()</c>: a run hashes only for steps that ask.</summary>
[Flags]
public enum HashUse
{
    None = 0,
    Condition = 1,

    /// <summary><c>with</c> and <c>env</c>.</summary>
    Input = 2,

    Outputs = 4,
}
