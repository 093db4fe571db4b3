namespace Aegis.Server.OpenApi;

/// <summary>A door's description, made when somebody asks for it first: a server that nobody asks for its
/// document pays nothing for it.</summary>
public sealed class DescribedDoor(Func<DoorDescription> make)
{
    private readonly Lazy<DoorDescription> made = new(make);

    public DoorDescription Description => made.Value;
}

/// <summary>The door speaks somebody else's protocol, whose own description holds for it.</summary>
public sealed record DescribedElsewhere(string Where);

public static class DoorDescriptionExtensions
{
    /// <summary>Says what a door reads and answers; <see cref="DoorDescription"/> shows how.</summary>
    public static TBuilder Describe<TBuilder>(this TBuilder door, string operationId, string summary,
        Func<DoorDescription, DoorDescription> say)
        where TBuilder : IEndpointConventionBuilder =>
        door.WithMetadata(new DescribedDoor(() => say(new DoorDescription(operationId, summary))));

    /// <summary>Leaves a door out of our document.</summary>
    /// <param name="where">Whose protocol it is, and where that is described.</param>
    public static TBuilder IsDescribedElsewhere<TBuilder>(this TBuilder door, string where)
        where TBuilder : IEndpointConventionBuilder =>
        door.WithMetadata(new DescribedElsewhere(where));
}
