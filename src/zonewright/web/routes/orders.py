"""Addresses of the desk: supervision orders and the meeting list."""

from __future__ import annotations

from django.urls import URLPattern, path

from zonewright.web.views import orders, orders_meeting, orders_month, orders_steps

urlpatterns: list[URLPattern] = [
    path("orders/", orders.order_list, name="orders"),
    path("orders/new/", orders.new, name="order-new"),
    path("orders/month/", orders_month.month, name="orders-month"),
    path("orders/month/raise/", orders_month.give, name="orders-raise"),
    path("orders/month/escalate/", orders_month.escalate, name="orders-escalate"),
    path("orders/meeting/", orders_meeting.meeting, name="meeting"),
    path("orders/meeting.<str:kind>", orders_meeting.file, name="meeting-file"),
    path("orders/<int:number>/", orders.order, name="order"),
    path("orders/<int:number>/reply/", orders_steps.reply, name="order-reply"),
    path("orders/<int:number>/evidence/", orders_steps.add_evidence, name="order-evidence"),
    path(
        "orders/<int:number>/evidence/<int:file>/remove/",
        orders_steps.remove_evidence,
        name="order-evidence-remove",
    ),
    path("orders/<int:number>/<str:deed>/", orders_steps.decide, name="order-decide"),
]
