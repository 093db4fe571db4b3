using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Aegis.Models.Tests")]
