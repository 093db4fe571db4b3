namespace Aegis.Core.Routing.Learning;

/// <summary>How fast is learned and forgotten. Chosen by simulation: docs/decisions/0054.</summary>
public sealed record LearningRules
{
    /// <summary>A verdict counts half after this time.</summary>
    public TimeSpan QualityHalfLife { get; init; } = TimeSpan.FromDays(3);

    /// <summary>A call's time and its success count half after this time.</summary>
    public TimeSpan ServiceHalfLife { get; init; } = TimeSpan.FromHours(6);

    /// <summary>What is now is held against a memory that is longer by this factor.</summary>
    public double LongMemory { get; init; } = 8;

    /// <summary>How much of its uncertainty a quality is drawn with; 1 is Thompson sampling by the book. The
    /// upper bound adds so many deviations.</summary>
    public double Boldness { get; init; } = 0.5;

    /// <summary>What is assumed of a model of which nothing is known, with the weight of so many
    /// verdicts.</summary>
    public double StartQuality { get; init; } = 0.6;

    public double StartQualityWeight { get; init; } = 2;

    public double StartAvailability { get; init; } = 0.98;

    public double StartAvailabilityWeight { get; init; } = 5;

    public TimeSpan StartCall { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A tenant begins with what all know, but with no more than this weight.</summary>
    public double PriorWeightMax { get; init; } = 10;

    /// <summary>What a tenant says of a model counts less for the others, the more of it the tenant has said
    /// already: half from this weight on. So nobody alone makes a model's name.</summary>
    public double TenantVoiceHalf { get; init; } = 20;

    public double TestsPassedWeight { get; init; } = 1;

    public double AuditorWeight { get; init; } = 0.8;

    public double SchemaValidWeight { get; init; } = 0.25;

    public double UserApprovalWeight { get; init; } = 1.5;

    public static LearningRules Default { get; } = new();

    public double WeightOf(VerdictKind kind) => kind switch
    {
        VerdictKind.TestsPassed => TestsPassedWeight,
        VerdictKind.Auditor => AuditorWeight,
        VerdictKind.SchemaValid => SchemaValidWeight,
        VerdictKind.UserApproval => UserApprovalWeight,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    internal TimeSpan LongQualityHalfLife => QualityHalfLife * LongMemory;

    internal TimeSpan LongServiceHalfLife => ServiceHalfLife * LongMemory;
}
