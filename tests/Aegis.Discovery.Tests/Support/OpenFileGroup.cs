namespace Aegis.Discovery.Tests.Support;

/// <summary>Classes that start programs, and those for which it matters whether a file is open. Until it has
/// become its program, a child holds every file that this process had open: so they run one after the
/// other.</summary>
[CollectionDefinition(Name)]
public sealed class OpenFileGroup
{
    public const string Name = "open files";
}
