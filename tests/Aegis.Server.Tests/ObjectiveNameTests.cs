using Aegis.Server.Plans;

namespace Aegis.Server.Tests;

/// <summary>The repository of an objective is called by its first words, in letters that every forge
/// takes.</summary>
public sealed class ObjectiveNameTests
{
    [Theory]
    [InlineData("Quiero una API de tareas con SQLite", "quiero-una-api-de-tareas-con-sqlite")]
    [InlineData("Añade un botón: ¡sí!", "anade-un-boton-si")]
    [InlineData("  ...  ", "project")]
    [InlineData("店", "project")]
    public void Name_IsTheFirstWords_WithoutAccents(string objective, string name) =>
        Assert.Equal(name, ObjectivePlan.NameOf(objective));
}
