from django.urls import path

from catalog import feeds, sitemaps, views

app_name = "catalog"
urlpatterns = [
    path("", views.show_home, name="home"),
    path("movies/", views.list_movies, name="movie-list"),
    path("feeds/new-movies.atom", feeds.show_new_movies, name="movie-feed"),
    path("movies/<slug:slug>/", views.show_movie, name="movie-detail"),
    path("genres/<slug:slug>/", views.show_genre, name="genre-detail"),
    path("people/<slug:slug>/", views.show_person, name="person-detail"),
    path("robots.txt", sitemaps.show_robots, name="robots"),
    path("sitemap.xml", sitemaps.show_index, name="sitemap-index"),
    path("sitemaps/<slug:part>-<int:number>.xml", sitemaps.show_part, name="sitemap-part"),
]
