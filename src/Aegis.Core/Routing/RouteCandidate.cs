namespace Aegis.Core.Routing;

/// <summary>A model that a call may go to: made from the catalogue and the profile when either changes, not
/// for each call.</summary>
/// <param name="Price">Null where nobody states it.</param>
public sealed record RouteCandidate(ModelKey Key, ModelAbilities Abilities, RoutePrice? Price);
