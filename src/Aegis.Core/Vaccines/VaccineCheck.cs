namespace Aegis.Core.Vaccines;

/// <summary>How a vaccine sees a mistake without a model. Four kinds: <see cref="Checks.PatternCheck"/>,
/// <see cref="Checks.RuleCheck"/>, <see cref="Checks.CommandCheck"/>,
/// <see cref="Checks.DependencyCheck"/>.</summary>
public abstract record VaccineCheck
{
    /// <summary>As JSON, in one form alone: two checks are the same where their texts are.</summary>
    public string Json => CheckJson.Write(this);

    public virtual bool ReadsFiles => false;

    public virtual bool ReadsCommands => false;

    /// <summary>Whether it looks at a file of that path at all.</summary>
    /// <param name="language">The vaccine's own; null for all.</param>
    public virtual bool Covers(string path, string? language) => false;

    public virtual CheckHit? Find(ReadFile file) => null;

    public virtual CheckHit? Find(ReadCommand command) => null;
}
