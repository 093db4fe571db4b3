namespace Aegis.Core.Deployments.Stacks;

/// <summary>What bounds stacks of infrastructure.</summary>
public static class StackLimits
{
    /// <summary>Bytes of a stack's state, as one archive.</summary>
    public const int StateBytesMax = 16 << 20;

    /// <summary>Bytes of a saved plan, and of what a program says of it.</summary>
    public const int PlanBytesMax = 32 << 20;

    /// <summary>States of one stack that are kept.</summary>
    public const int StatesMax = 50;

    /// <summary>Plans of one stack that are kept.</summary>
    public const int PlansMax = 10;

    /// <summary>Variables, credentials included.</summary>
    public const int VariablesMax = 100;

    /// <summary>Characters of the words by which a plan is approved.</summary>
    public const int SummaryCharsMax = 1_900;

    public const int MinutesMax = 120;

    public const int MinutesDefault = 30;

    /// <summary>How long a program that applies a plan may take to end after it was asked to.</summary>
    public const int StopSeconds = 60;
}
